// Stands for the package `mqtt` in the bundle: its client, without the ways to connect that come with the whole,
// because agent/report/stream.ts opens the sockets.

exports.MqttClient = require("../node_modules/mqtt/build/lib/client.js").default;
