#!/usr/bin/env node
import { existsSync, readFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { join } from "node:path";
import { Script } from "node:vm";

// Starts the commands from the parts that scripts/build.mjs wrote beside this file. Compiling them would take longer than anything
// else at the start, so that V8's compiled form of each is there too; another version of V8 ignores it and compiles.

type Part = (
  exports: object,
  require: (name: string) => unknown,
  module: { exports: object },
  filename: string,
  dirname: string,
) => void;

const requireInstalled = createRequire(__filename);
const loaded = new Map<string, { exports: object }>();

function load(name: string): unknown {
  if (!name.startsWith("./")) return requireInstalled(name);
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const own = { exports: {} };
  loaded.set(name, own);
  const filename = join(__dirname, name);
  const compiled = `${filename}.compiled`;
  const script = new Script(Module.wrap(readFileSync(filename, "latin1")), {
    filename,
    ...(existsSync(compiled) && { cachedData: readFileSync(compiled) }),
  });
  (script.runInThisContext() as Part)(own.exports, load, own, filename, __dirname);
  return own.exports;
}

load(process.argv[2] === "verify" ? "./verify.js" : "./commands.js");
