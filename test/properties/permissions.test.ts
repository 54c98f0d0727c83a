import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance } from "../../core/permissions/nearestNames";
import { resolvePermissions } from "../../core/permissions/permissions";
import { judgeSettings } from "../../core/settings/settings";
import { graphPermissions } from "../../emulator/tenant/graphPermissions";

const names = graphPermissions.map(({ name }) => name);
const roleNames = graphPermissions.filter(({ appRoleId }) => appRoleId !== undefined).map(({ name }) => name);
const scopeNames = graphPermissions.filter(({ scopeId }) => scopeId !== undefined).map(({ name }) => name);
const ids = (wanted: readonly string[]) => Object.fromEntries(wanted.map((name) => [name, `id of ${name}`]));
const graph = { graphObjectId: "graph", appRoleIds: ids(roleNames), delegatedIds: ids(scopeNames) };

/** Permission names as people, portals and attackers write them. */
const written = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...names) },
  fc.constantFrom(...names).map((name) => name.toLowerCase()),
  fc.constantFrom(...names).map((name) => name.replace(".", ". ")),
  fc.constantFrom(...names).map((name) => `https://graph.microsoft.com/${name}`),
  fc.constantFrom(...names).map((name) => `Office 365 Exchange Online/${name}`),
  fc.tuple(fc.constantFrom(...names), fc.nat()).map(([name, at]) => without(name, at % name.length)),
  fc.constantFrom(...names).map((name) => name.split(".").slice(0, -1).join(".")),
  fc.constantFrom(...names).map((name) => `${name}.All`),
  fc.constantFrom("__proto__", "constructor", "' && rm -rf / #", "$(id)", "full_access_as_app", "*", ""),
  fc.string(),
);

function without(text: string, at: number): string {
  return text.slice(0, at) + text.slice(at + 1);
}

/** Permissions that a command writes into a list of permissions; to accept one by name grants nothing. */
function proposed(repair: string): string[] {
  return [...repair.matchAll(/(?:permissions|delegated)\[\d+\]' '?([\w.]+)/g)].map(([, name = ""]) => name);
}

/**
 * Whether the text has each word of a permission, give or take two letters. An app has no signed-in user: what a
 * delegated permission allows for one user's own data, it may do for everybody's alone, which is `All`.
 */
function isAskedFor(permission: string, text: string): boolean {
  const words = text
    .toLowerCase()
    .replace(/\s+/g, "")
    .split(/[^\w]+/);
  const stands = (name: string): boolean =>
    name
      .toLowerCase()
      .split(".")
      .every((word) => words.some((one) => editDistance(word, one) <= 2));
  const ofOneUser = permission.replace(/\.All$/, "");
  return stands(permission) || (scopeNames.includes(ofOneUser) && stands(ofOneUser));
}

describe("a suggested fix", () => {
  it("proposes no permission that the input did not ask for", () => {
    fc.assert(
      fc.property(written, (text) => {
        const { faults } = resolvePermissions(
          { apps: { Mail: { permissions: [text] } }, acceptTierZero: [] },
          graph,
        );
        for (const { repair, alternative = "" } of faults) {
          for (const permission of proposed(`${repair}\n${alternative}`)) {
            expect(isAskedFor(permission, text), `${text} -> ${permission}`).toBe(true);
          }
        }
      }),
      { numRuns: 500, seed: 12 },
    );
  });

  it("of settings of any shape proposes no permission that they do not name", () => {
    const shapes = fc.oneof(
      written.map((text) => ({ permissions: text })),
      written.map((text) => ({ permission: [text] })),
      written.map((text) => ({ permissions: [[text]] })),
      written.map((text) => ({ permissions: { first: text } })),
      written.map((text) => text),
    );
    fc.assert(
      fc.property(shapes, (app) => {
        const { faults } = judgeSettings({ apps: { Mail: app } });
        const text = JSON.stringify(app);
        for (const { repair, alternative = "" } of faults) {
          for (const permission of proposed(`${repair}\n${alternative}`)) {
            expect(isAskedFor(permission, text), `${text} -> ${permission}`).toBe(true);
          }
        }
      }),
      { numRuns: 300, seed: 12 },
    );
  });
});
