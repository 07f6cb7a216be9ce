// What others wrote, safe to show in a terminal.

/**
 * Control characters and those that turn the direction of writing become visible as `\u001b`: a
 * sequence of them would command the reader's terminal. A tab becomes a space.
 */
export function printable(text: string): string {
  return text.replaceAll(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
    /[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g,
    (letter) =>
      letter === "\t" ? " " : `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
