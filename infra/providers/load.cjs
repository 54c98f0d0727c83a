// States of stacks name this file, by what package.json exports, and no source text of the provider.
module.exports = require("../load.cjs")("provider");
