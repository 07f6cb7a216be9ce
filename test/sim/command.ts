// The request that a cgminer API gets: `{"command":"x","parameter":"y"}`.

interface Command {
  readonly command?: string;
  readonly parameter?: string;
}

/** Empty for what is no JSON, as from a scanner that tries another protocol: no reason to fall over. */
export function commandOf(request: string): Command {
  try {
    return Object(JSON.parse(request));
  } catch {
    return {};
  }
}
