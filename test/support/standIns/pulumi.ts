import { pulumiStandIn } from "./pulumiCommands";

// Replaces the Pulumi CLI where it is not installed, as a program of its own.

void pulumiStandIn(process.argv.slice(2), {
  directory: process.cwd(),
  env: process.env,
  print: (line) => {
    console.log(line);
  },
  tell: (line) => {
    console.error(line);
  },
}).then((exitCode) => (process.exitCode = exitCode));
