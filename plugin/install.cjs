// Pulumi installs the packages of a plugin's folder. Here they are those of the folder above: installed in a clone that is built and
// with the npm package, and to be installed in a clone that Pulumi has made by itself.
const { execSync } = require("node:child_process");
const path = require("node:path");

try {
  require.resolve("@pulumi/pulumi/package.json");
} catch {
  execSync("npm ci --omit=dev --ignore-scripts", { cwd: path.dirname(module.path), stdio: "inherit" });
}
