// What Pulumi runs for the folder of a plugin. The engine's arguments come after the file's own.
const path = require("node:path");

require("../infra/quietSdk.cjs");
void require("../infra/load.cjs")("plugin").servePlugin(path.dirname(module.path), process.argv.slice(2));
