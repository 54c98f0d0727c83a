import Module, { createRequire } from "node:module";
import { dirname, relative, resolve } from "node:path";
import type { BuildResult } from "esbuild";
import { EmulatorError } from "../errors";
import { sourceStackReader } from "./sourceStack";

/** A bundled Pulumi program. */
export interface Program {
  /** Gives its outputs, as promises or Pulumi outputs at any depth. */
  readonly run: () => Promise<unknown>;
  /** Brings a stack trace back to the sources. */
  readonly sourceStack: (stack: string) => string;
}

/**
 * Starts to bundle a Pulumi program: the source as it stands, packages left to `require`. It runs in a process of
 * its own meanwhile, so the caller does well to load Pulumi before it awaits this.
 *
 * @param entry The program's main file.
 * @throws {EmulatorError} `PROGRAM_SYNTAX`, naming each place.
 */
export async function bundleProgram(projectDir: string, entry: string): Promise<string> {
  // For a program that bundles more while this process waits: by default esbuild starts a thread first, which takes as long as the build.
  process.env["ESBUILD_WORKER_THREADS"] ??= "0";
  const { build } = await import("esbuild");
  let result: BuildResult<{ write: false }>;
  try {
    result = await build({
      entryPoints: [entry],
      absWorkingDir: projectDir,
      bundle: true,
      write: false,
      platform: "node",
      target: "node20.19",
      format: "cjs",
      packages: "external",
      sourcemap: "inline",
      sourcesContent: false,
      logLevel: "silent",
    });
  } catch (error) {
    throw syntaxError(entry, error);
  }
  return result.outputFiles[0]?.text ?? "";
}

/**
 * Makes a bundled program ready to run, as Pulumi's own runner would: what it exports are the outputs, or a function
 * that gives them.
 *
 * @param code What {@link bundleProgram} gave.
 */
export function loadProgram(projectDir: string, entry: string, code: string): Program {
  const filename = resolve(projectDir, entry);
  return {
    run: async () => {
      const exports = evaluateModule(code, filename);
      return typeof exports === "function" ? await (exports as () => unknown)() : exports;
    },
    sourceStack: sourceStackReader(code, filename, (source) => resolve(projectDir, source)),
  };
}

/** Node's own way from text to module; in the public `vm.Script`, a dynamic import prints a warning. */
interface Compiler {
  _compile(code: string, filename: string): void;
}

type ModuleBody = (...given: readonly unknown[]) => void;

/** What was compiled last under each file name: a process that runs a program again compiles it once. */
const compiled = new Map<string, { readonly code: string; readonly body: ModuleBody }>();

/**
 * Runs the text of a CommonJS module.
 *
 * @param filename Where it would lie: decides what its imports find, and appears in stack traces.
 * @returns What it exports.
 */
export function evaluateModule(code: string, filename: string): unknown {
  const module = moduleAt(filename);
  const body = compile(code, filename);
  body.call(module.exports, module.exports, createRequire(filename), module, filename, dirname(filename));
  return module.exports;
}

function compile(code: string, filename: string): ModuleBody {
  const known = compiled.get(filename);
  if (known?.code === code) return known.body;
  const module = moduleAt(filename) as Module & Compiler;
  const text = code.replace(/^#!.*/, "");
  module._compile(
    `module.exports = (function (exports, require, module, __filename, __dirname) { ${text}\n})`,
    filename,
  );
  const body = module.exports as ModuleBody;
  compiled.set(filename, { code, body });
  return body;
}

function moduleAt(filename: string): Module {
  const paths = createRequire(filename).resolve.paths("any-package") ?? [];
  return Object.assign(new Module(filename), { filename, paths });
}

function syntaxError(entry: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("errors" in error) || !Array.isArray(error.errors)) return error;
  const places = (error.errors as BuildMessage[]).map(({ text, location }) => {
    const place =
      location === null ? "" : `${relative(".", location.file)}:${location.line}:${location.column}: `;
    return `  ${place}${text}`;
  });
  return new EmulatorError("PROGRAM_SYNTAX", `The program ${entry} cannot be read:\n${places.join("\n")}`, {
    cause: error,
  });
}

interface BuildMessage {
  readonly text: string;
  readonly location: { readonly file: string; readonly line: number; readonly column: number } | null;
}
