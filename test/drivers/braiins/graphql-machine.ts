// A machine that speaks GraphQL like releases 22.08 to 25.05, small: an S21+ with settings that orders move.

import { HttpDaemon, type HttpDaemonRequest, type HttpReply } from "../../sim/http-daemon.ts";
import { answersOf, type GraphqlState } from "./graphql-answers.ts";

export class GraphqlMachine {
  readonly state: GraphqlState = {
    power: 3878,
    hashrate: 200,
    mode: "POWER_TARGET",
    enabled: true,
    frequency: 600,
    volts: 13,
    running: true,
    faultLight: false,
    pools: [{ url: "stratum+tcp://old.test:3333", user: "w" }],
  };
  /** Questions by their name, orders by their text. */
  readonly queries: string[] = [];
  /** Does not know the fields that came with 25.x. */
  old = false;
  refusal: string | undefined;
  readonly daemon: HttpDaemon;
  #session = 0;

  constructor() {
    this.daemon = new HttpDaemon({
      host: "127.0.0.1",
      port: 0,
      handle: (request) => this.#handle(request),
    });
  }

  forgetLogin(): void {
    this.#session += 1;
  }

  #handle(request: HttpDaemonRequest): HttpReply {
    if (request.path === "/cgi-bin/luci") {
      return { status: 302, headers: { "set-cookie": "sysauth=lan; path=/" } };
    }
    if (request.path.startsWith("/cgi-bin/luci/admin")) {
      return request.headers["cookie"] === "sysauth=lan"
        ? { body: '[{"macaddr":"02:34:98:9e:9f:e1"}]' }
        : { status: 403 };
    }
    if (request.path !== "/graphql") return { status: 404, body: "<html>" };
    const { query, variables } = JSON.parse(request.body) as {
      query: string;
      variables?: Record<string, unknown>;
    };
    if (query === "{ __typename }") return data({ __typename: "Query" });
    if (query.includes("login(")) return this.#login(variables);
    if (request.headers["cookie"] !== `session_id=s${this.#session}`) {
      return error("Unauthorized access");
    }
    const name = /^query (\w+)/.exec(query)?.[1];
    this.queries.push(name ?? query);
    return name === undefined ? this.#obey(query, variables) : this.#answer(name, query);
  }

  #login(variables: Record<string, unknown> | undefined): HttpReply {
    if (variables?.["password"] !== "root") {
      return data({ auth: { login: { __typename: "AuthError", message: "Invalid credentials" } } });
    }
    return {
      ...data({ auth: { login: { __typename: "VoidResult" } } }),
      headers: { "set-cookie": `session_id=s${this.#session}; HttpOnly; SameSite=Strict` },
    };
  }

  #answer(name: string, query: string): HttpReply {
    const recent = ["progress", "identity", "settings", "limits"].includes(name);
    if (this.old && (recent || query.includes("hbSerialNumber"))) {
      return error(`Unknown field "${name}" on type "BosminerQuery"`);
    }
    const answer = answersOf(this.state)[name];
    return answer === undefined ? error("Unknown field") : data(answer);
  }

  #obey(query: string, variables: Record<string, unknown> = {}): HttpReply {
    if (this.refusal !== undefined) {
      const answer = { __typename: "AutotuningError", message: this.refusal };
      return data({ bosminer: { config: { updateAutotuning: answer } } });
    }
    const verb = Object.keys(ORDERS).find(
      (word) => query.includes(`${word}(`) || query.includes(`{ ${word} {`),
    );
    if (verb === undefined) return error("Unknown field");
    ORDERS[verb]?.(this.state, query, variables);
    return data({ done: { __typename: "VoidResult" } });
  }
}

type Order = (state: GraphqlState, query: string, variables: Record<string, unknown>) => void;

const numberIn = (query: string, word: string, otherwise: number): number =>
  Number(new RegExp(`${word}: ([\\d.]+)`).exec(query)?.[1] ?? otherwise);

const ORDERS: Readonly<Record<string, Order>> = {
  updateAutotuning: (state, query) => {
    state.mode = (/mode: (\w+)/.exec(query)?.[1] as GraphqlState["mode"]) ?? state.mode;
    state.power = numberIn(query, "powerTarget", state.power);
    state.hashrate = numberIn(query, "hashrateTarget", state.hashrate);
  },
  updatePerformance: (state, query) => {
    state.frequency = numberIn(query, "globalFrequency", state.frequency);
    state.volts = numberIn(query, "globalVoltage", state.volts);
  },
  updateGroups: (state, _query, variables) => {
    const [group] = variables["groups"] as { pools: { url: string; user: string }[] }[];
    state.pools = (group?.pools ?? []).map(({ url, user }) => ({ url, user }));
  },
  setFaultLight: (state, query) => {
    state.faultLight = query.includes("enable: true");
  },
  stop: (state) => {
    state.running = false;
  },
  start: (state) => {
    state.running = true;
  },
  restart: (state) => {
    state.running = true;
  },
};

const data = (value: unknown): HttpReply => ({ body: JSON.stringify({ data: value }) });
const error = (message: string): HttpReply => ({
  body: JSON.stringify({ data: null, errors: [{ message }] }),
});
