import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const looks = `
  const log = require("@pulumi/pulumi/log");
  const { debug } = log;
  require("./infra/quietSdk.cjs");
  const { debuggablePromise: noted } = require("@pulumi/pulumi/runtime/debuggable");
  const promise = Promise.resolve();
  noted(promise, "a resource");
  console.log(JSON.stringify({
    sendsMessages: log.debug === debug,
    hasStackTrace: promise._debugStackTrace.includes(" at "),
    context: promise._debugCtx,
    limit: Error.stackTraceLimit,
    places: require("@pulumi/pulumi").Resource.stackTrace(0).length,
  }));
`;

function sdk(environment: Readonly<Record<string, string>> = {}): unknown {
  const env = { PATH: process.env["PATH"], ...environment };
  return JSON.parse(execFileSync(process.execPath, ["-e", looks], { env, encoding: "utf8" }));
}

describe("the SDK's records for its developers", () => {
  it("are not made", () => {
    const none = { sendsMessages: false, hasStackTrace: false, context: "a resource", limit: 10, places: 0 };
    expect(sdk()).toEqual(none);
  });

  it("are made where someone asks for them", () => {
    expect(sdk({ NODE_DEBUG: "pulumi" })).toMatchObject({ sendsMessages: true, hasStackTrace: false });
    expect(sdk({ PULUMI_DEBUG_PROMISE_LEAKS: "1" })).toMatchObject({
      sendsMessages: false,
      hasStackTrace: true,
    });
  });
});

describe("the debugger", () => {
  it("stays off, by the name under which Pulumi's runner loads what turns it on", () => {
    expect(readFileSync("node_modules/@pulumi/pulumi/cmd/run/index.js", "utf8")).toContain(
      'require("../../runtime/closure/v8Hooks")',
    );
    const program = `
      const { createRequire } = require("node:module");
      const request = "../../runtime/closure/v8Hooks";
      createRequire(require.resolve("@pulumi/pulumi/cmd/run"))(request)
        .isInitializedAsync()
        .then(() => console.log(Object.keys(require.cache).some((file) => file.includes("v8Hooks"))));
    `;
    const said = execFileSync(process.execPath, ["--require", "./infra/defer.cjs", "-e", program], {
      encoding: "utf8",
    });
    expect(said).toBe("false\n");
  });
});
