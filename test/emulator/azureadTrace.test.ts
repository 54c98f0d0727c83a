import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { TestDirectory, type Answer } from "../support/directory";

/** The real azuread provider's requests, recorded elsewhere; this test says so where the recording is missing. */
const traceFile = resolve("../shared/facts/azuread-trace.txt");
const found = existsSync(traceFile);

interface Step {
  readonly section: string;
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly status: number;
}

function readTrace(): Step[] {
  const steps: Step[] = [];
  let section = "";
  for (const line of readFileSync(traceFile, "utf8").split("\n")) {
    if (line.startsWith("## ")) section = line.slice(3);
    const match = /^(GET|POST|PATCH|DELETE) (\S+) (.*)-> (\d+)$/.exec(line);
    if (match === null) continue;
    const [, method = "", path = "", body = "", status = ""] = match;
    steps.push({ section, method, path, body: body.trim(), status: Number(status) });
  }
  return steps;
}

/** Which recorded identifier each creation replaces; a second password is the second recorded key. */
const recorded = {
  application: ["57759b2a-2efa-49b0-b9b1-636318ec952f", "167e3996-d5ac-4091-bc43-de2fbb89237c"],
  servicePrincipal: "7f4aacfe-27d4-4ef0-a2b7-f661c02e9fcc",
  federation: "61fdc14c-9ba4-4342-a148-ab3aef6ba2fd",
  assignment: "Ae7uNU57T7ZADrxW71eWOw",
  passwords: ["3b99ae0d-6dd2-4267-9dbe-eb7e366b19d0", "2ffac2b4-abd7-4f6c-b0ea-d87abea8b589"],
};

describe.skipIf(!found)(`the azuread provider's own requests${found ? "" : " (no recording here)"}`, () => {
  let directory: TestDirectory;
  const actual = new Map<string, string>();

  beforeAll(async () => {
    directory = await TestDirectory.create();
    const { deployer } = directory.tenant.identities;
    actual.set("11111111-1111-1111-1111-111111111111", directory.tenant.state.tenantId);
    actual.set("22222222-2222-2222-2222-222222222222", deployer.clientId);
    actual.set("client_secret=foo", `client_secret=${encodeURIComponent(deployer.clientSecret)}`);
    actual.set("4aa7f6ad-9199-4a69-9650-7f106d7c4a44", deployer.objectId);
  });

  function substitute(text: string): string {
    return [...actual].reduce((result, [from, to]) => result.replaceAll(from, to), text);
  }

  function learn({ path }: Step, { body }: Answer): void {
    const { application, servicePrincipal, federation, assignment, passwords } = recorded;
    if (path.endsWith("/applications")) {
      actual.set(application[0] ?? "", body.id).set(application[1] ?? "", body.appId);
    } else if (path.endsWith("/servicePrincipals")) actual.set(servicePrincipal, body.id);
    else if (path.endsWith("/federatedIdentityCredentials")) actual.set(federation, body.id);
    else if (path.endsWith("/appRoleAssignedTo")) actual.set(assignment, body.id);
    else if (path.endsWith("/addPassword")) actual.set(passwords.shift() ?? "", body.keyId);
  }

  async function send({ method, path, body }: Step): Promise<Answer> {
    const [host, type] = path.endsWith("/token")
      ? ["login.microsoftonline.com", "application/x-www-form-urlencoded"]
      : ["graph.microsoft.com", "application/json"];
    const address = `https://${host}${substitute(path)}`;
    if (type === "application/json") {
      return directory.graph(method, address, body === "" ? {} : { body: substitute(body) });
    }
    return directory.send(
      new Request(address, { method, headers: { "Content-Type": type }, body: substitute(body) }),
    );
  }

  it("get, in their order, the answers on which the provider relies", async () => {
    const outcomes: string[] = [];
    const expected: string[] = [];
    for (const step of readTrace()) {
      const answer = await send(step);
      if (step.method === "POST" && answer.status < 300) learn(step, answer);
      const name = `${step.section}: ${step.method} ${step.path}`;
      outcomes.push(`${name} -> ${answer.status}`);
      // The recording's server answered 200 to an unlinked owner; Graph documents 204, which the provider takes too.
      const status = step.path.endsWith("/$ref") ? 204 : step.status;
      expected.push(`${name} -> ${status}`);
    }
    expect(outcomes).toEqual(expected);
    expect(outcomes.length).toBeGreaterThan(80);
  });

  it("leave the directory as it was seeded, with one application to restore", () => {
    const { applications, appRoleAssignments, deletedItems } = directory.tenant.state.directory;
    expect(Object.values(applications).map(({ displayName }) => displayName)).toEqual([
      "copilot-token administrator",
      "copilot-token deployer",
      "copilot-token verifier",
    ]);
    expect(Object.values(appRoleAssignments)).toHaveLength(12);
    expect(Object.values(deletedItems).map(({ kind }) => kind)).toEqual(["servicePrincipal", "application"]);
  });
});
