import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { Ended } from "./commandProcess";

/** What carries out a program's call: its words, with its name first, and the variables of this call alone. */
export type Programs = (
  words: readonly string[],
  variables: Readonly<Record<string, string>>,
) => Promise<Ended>;

/** Variables that a suggested command may set for its own call. */
const variables = ["COPILOT_TOKEN_ROTATE"];

const programs = ["npm", "pulumi", "az", "gh"];

const prelude = [
  // Words are separated by NUL and ended by an empty one; a word that is empty itself does not occur.
  `call() { printf '%s\\0' ${variables.map((name) => `"$${name}"`).join(" ")} -- "$@" '' >&3; ` +
    `read -r code out <&4; cat "$out"; cat "$out.err" >&2; return "$code"; }`,
  ...programs.map((name) => `${name}() { call ${name} "$@"; }`),
].join("\n");

/**
 * Runs commands in a POSIX shell, pasted together with `&&`: the shell reads words, quotes, variables and redirections, and
 * the programs are carried out in this process, which saves their start.
 */
export async function paste(commands: readonly string[], folder: string, run: Programs): Promise<Ended> {
  const answers = mkdtempSync(join(tmpdir(), "pasted-"));
  const shell = spawn("sh", ["-c", `${prelude}\n${commands.join(" && ")}`], {
    cwd: folder,
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
  });
  const [, stdout, stderr, calls, replies] = shell.stdio as [null, Readable, Readable, Readable, Writable];
  const said = { stdout: "", stderr: "" };
  stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
  stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  let count = 0;
  const answer = async (frame: readonly string[]): Promise<void> => {
    const at = frame.indexOf("--");
    const given = Object.fromEntries(
      variables.flatMap((name, index) => (frame[index] === "" ? [] : [[name, frame[index] ?? ""]])),
    );
    const ended = await run(frame.slice(at + 1), given).catch((error: unknown): Ended => ({
      exitCode: 1,
      stdout: "",
      stderr: `${String(error)}\n`,
    }));
    const file = join(answers, String((count += 1)));
    writeFileSync(file, ended.stdout);
    writeFileSync(`${file}.err`, ended.stderr);
    replies.write(`${ended.exitCode} ${file}\n`);
  };
  let unread: string[] = [];
  let rest = "";
  calls.setEncoding("utf8").on("data", (text: string) => {
    const words = (rest + text).split("\0");
    rest = words.pop() ?? "";
    for (const word of words) {
      // The variables come first, and may be empty.
      if (word !== "" || !unread.includes("--")) unread.push(word);
      else {
        void answer(unread);
        unread = [];
      }
    }
  });
  const exitCode = await new Promise<number>((resolve) => {
    shell.once("close", (code) => {
      resolve(code ?? 1);
    });
  });
  rmSync(answers, { recursive: true });
  return { exitCode, ...said };
}
