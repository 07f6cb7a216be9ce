// Stands for the package `debug` in the bundle: a library's own trace, switched on by an environment
// variable that no log of ours would carry.

module.exports = () => () => undefined;
