// Renews emulator/tenant/graphPermissions.json, the permissions of Microsoft Graph in the emulated tenant, from
// Microsoft's public list: permissions/permissions-descriptions.json of github.com/microsoftgraph/microsoft-graph-devx-content.
//   npm run graph-permissions -- FILE-OR-URL [OUTPUT-FILE]
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const [source, target = fileURLToPath(new URL("../emulator/tenant/graphPermissions.json", import.meta.url))] =
  process.argv.slice(2);

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Stops without having written anything. */
function usageError(message) {
  console.error(message);
  process.exit(2);
}

if (source === undefined) {
  usageError(
    "Name the file or the URL of Microsoft's list: permissions/permissions-descriptions.json of the repository " +
      "microsoftgraph/microsoft-graph-devx-content.",
  );
}

async function readSource() {
  if (!/^https:/.test(source)) return readFile(source, "utf8");
  const response = await fetch(source);
  if (!response.ok) throw new Error(`it answered ${response.status}`);
  return response.text();
}

let list;
try {
  list = JSON.parse(await readSource());
} catch (error) {
  usageError(`${source} cannot be read as JSON: ${error.message}. The permissions were left as they are.`);
}

const { applicationScopesList: roles, delegatedScopesList: scopes } = list;
const faults = [];
for (const [name, permissions] of Object.entries({
  applicationScopesList: roles,
  delegatedScopesList: scopes,
})) {
  if (!Array.isArray(permissions) || permissions.length === 0) {
    faults.push(`${name} is no list, or an empty one`);
    continue;
  }
  for (const { value, id } of permissions) {
    if (typeof value !== "string" || !/^\S+$/.test(value)) faults.push(`${name}: a permission has no name`);
    else if (!guid.test(id)) faults.push(`${name}: ${value} has no GUID`);
  }
  for (const key of ["value", "id"]) {
    const values = permissions.map((permission) => permission[key]);
    const twice = values.filter((value, index) => values.indexOf(value) !== index);
    if (twice.length > 0) faults.push(`${name}: ${twice.join(", ")} is there twice`);
  }
}
if (faults.length > 0) {
  usageError(
    `${source} is not Microsoft's list of permissions: ${faults.join("; ")}. They were left as they are.`,
  );
}

const byName = (permissions) => new Map(permissions.map((permission) => [permission.value, permission]));
const [roleOf, scopeOf] = [byName(roles), byName(scopes)];
const names = [...new Set([...roleOf.keys(), ...scopeOf.keys()])].sort();
const idOf = (permission) =>
  permission === undefined ? "-" : permission.isEnabled === false ? `${permission.id}!` : permission.id;
const consentOf = (scope) => (scope === undefined ? "-" : scope.isAdmin === true ? "Admin" : "User");
const rows = names.map((name) =>
  [name, idOf(roleOf.get(name)), idOf(scopeOf.get(name)), consentOf(scopeOf.get(name))].join(" "),
);
await writeFile(target, `${JSON.stringify(rows, undefined, 2)}\n`);
console.log(`${roles.length} application permissions and ${scopes.length} delegated ones.`);
