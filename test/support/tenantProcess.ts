import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Ended } from "./commandProcess";

/** A folder in which `npm run tenant` is run; nothing of it is shared with the project's own. */
export interface TenantFolder {
  readonly path: string;
  /** Command line of a client that any shell can run: it prints a {@link ClientAnswer}. */
  client(request?: ClientRequest): string;
  /** Starts the command in a process group of its own, as a terminal does. */
  start(...flags: string[]): RunningTenant;
  /** Starts it and waits for its end. */
  run(...flags: string[]): Promise<Ended>;
  /** Names of what it left below `.copilot-token`, without folders. */
  left(): Promise<string[]>;
  /** Also ends what a failed test left running. */
  remove(): Promise<void>;
}

export interface RunningTenant {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Resolves when it has written this to standard output. */
  said(text: string): Promise<void>;
  /** As Ctrl-C in a terminal: to the command and to all that it started. */
  interrupt(): void;
}

export interface ClientRequest {
  readonly method?: string;
  readonly url?: string;
  readonly body?: object;
}

/** What the client saw, secrets included: for comparison alone. */
export interface ClientAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly date: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly token: string;
}

/** Signs in as the environment says, sends one request, says what came. */
const clientSource = `
const { EnvHttpProxyAgent, fetch } = require(${JSON.stringify(resolve("node_modules/undici"))});
const { ARM_CLIENT_ID: clientId, ARM_CLIENT_SECRET: clientSecret, ARM_TENANT_ID: tenantId } = process.env;
const { method = "GET", url = "https://graph.microsoft.com/v1.0/applications", body } = JSON.parse(process.argv[2]);
const dispatcher = new EnvHttpProxyAgent();
(async () => {
  const form = new URLSearchParams({
    grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret,
    scope: "https://graph.microsoft.com/.default",
  });
  const signIn = "https://login.microsoftonline.com/" + tenantId + "/oauth2/v2.0/token";
  const { access_token: token } = await (await fetch(signIn, { method: "POST", body: form, dispatcher })).json();
  const headers = { Authorization: "Bearer " + token, "Content-Type": "application/json" };
  const response = await fetch(url, { method, headers, body: body && JSON.stringify(body), dispatcher });
  const text = await response.text();
  console.log(JSON.stringify({
    status: response.status, body: text === "" ? null : JSON.parse(text), date: response.headers.get("date"),
    clientId, clientSecret, token,
  }));
})().catch((error) => { console.error(error); process.exitCode = 3; });
`;

/** @param bundle Of the command, see `bundleCommands`. */
export async function tenantFolder(bundle: string): Promise<TenantFolder> {
  const path = await mkdtemp(join(tmpdir(), "tenant-"));
  const clientFile = join(path, "client.cjs");
  await writeFile(clientFile, clientSource);
  // No pulumi to be found, whatever this machine has.
  const bin = join(path, "bin");
  await mkdir(bin);
  const running = new Set<number>();
  const start = (...flags: string[]): RunningTenant => {
    const child = spawn(process.execPath, [bundle, "tenant", ...flags], {
      cwd: path,
      env: { PATH: bin, HOME: path },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const { pid } = child;
    if (pid === undefined) throw new Error("the command did not start");
    running.add(pid);
    child.once("close", () => running.delete(pid));
    const { ended, said } = listenTo(child);
    return { pid, ended, said, interrupt: () => process.kill(-pid, "SIGINT") };
  };
  return {
    path,
    client: (request = {}) => `'${process.execPath}' '${clientFile}' '${JSON.stringify(request)}'`,
    start,
    run: (...flags) => start(...flags).ended,
    left: async () => {
      const entries = await readdir(join(path, ".copilot-token"), { withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    },
    remove: async () => {
      for (const pid of running) process.kill(-pid, "SIGKILL");
      await rm(path, { recursive: true, force: true });
    },
  };
}

function listenTo(child: ChildProcess): Pick<RunningTenant, "ended" | "said"> {
  let stdout = "";
  let stderr = "";
  const waiting = new Set<() => void>();
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    for (const look of waiting) look();
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolvePromise) => {
    child.once("close", (code) => {
      resolvePromise({ exitCode: code ?? -1, stdout, stderr });
    });
  });
  const said = (text: string): Promise<void> =>
    new Promise((resolvePromise, reject) => {
      const look = (): void => {
        if (!stdout.includes(text)) return;
        waiting.delete(look);
        resolvePromise();
      };
      waiting.add(look);
      look();
      void ended.then(() => {
        reject(new Error(`it ended without saying ${text}: ${stdout}${stderr}`));
      });
    });
  return { ended, said };
}
