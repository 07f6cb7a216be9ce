// A machine that answers with what a real one once answered: one text a request, over real sockets.

import { HttpDaemon } from "../../sim/http-daemon.ts";
import { TcpDaemon } from "../../sim/tcp-daemon.ts";

export interface Recording {
  /** Replies of 4028 by command. */
  readonly api?: Readonly<Record<string, string>>;
  /** Pages by name: `stats.cgi`. */
  readonly pages?: Readonly<Record<string, string>>;
}

export interface Replay {
  readonly address: {
    readonly host: string;
    readonly port: number;
    readonly httpPort: number;
    readonly powerPort: number;
  };
  /** What was posted, by page. */
  readonly posts: { readonly page: string; readonly body: string; readonly type: string }[];
  stop(): Promise<void>;
}

export const CREDENTIALS = { username: "root", password: "test" };
const HOST = "127.0.0.1";

export async function replay(recording: Recording): Promise<Replay> {
  const posts: { page: string; body: string; type: string }[] = [];
  const api = new TcpDaemon({
    host: HOST,
    port: 0,
    reply: (request) => {
      const { command } = JSON.parse(request) as { command: string };
      return recording.api?.[command] ?? denied(command);
    },
  });
  const web = new HttpDaemon({
    host: HOST,
    port: 0,
    digest: { realm: "antMiner Configuration", ...CREDENTIALS },
    handle: ({ method, path, headers, body }) => {
      const page = path.replace("/cgi-bin/", "");
      if (method === "POST") posts.push({ page, body, type: headers["content-type"] ?? "" });
      const text = recording.pages?.[page];
      return text === undefined ? { status: 404, body: "<html>404</html>" } : { body: text };
    },
  });
  const port = await api.start();
  const httpPort = await web.start();
  return {
    // The discard port: nothing answers there.
    address: { host: HOST, port, httpPort, powerPort: 9 },
    posts,
    stop: async () => {
      await api.stop();
      await web.stop();
    },
  };
}

function denied(command: string): string {
  const Msg = `Access denied to '${command}' command`;
  return JSON.stringify({ STATUS: [{ STATUS: "E", When: 1, Code: 45, Msg }], id: 1 });
}
