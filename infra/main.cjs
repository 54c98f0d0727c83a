// What Pulumi runs.
module.exports = require("./load.cjs")("program");
