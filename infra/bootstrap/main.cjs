// What Pulumi runs.
require("../quietSdk.cjs");
module.exports = require("../load.cjs")("bootstrap");
