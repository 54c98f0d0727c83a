import { EmulatorError } from "../errors";
import { serveProviders, type ServedPackage } from "../pulumi/serve/serveProviders";
import type { ServedMessage } from "../pulumi/startProviders";

// The process that serves resource providers to a Pulumi CLI: started by `startProviders` in
// emulator/pulumi/startProviders.ts, with the packages' names as arguments.
const tell = (message: ServedMessage): void => {
  process.send?.(message);
};

// Without the process that requested them, the providers have no client.
process.once("disconnect", () => process.exit(0));

serveProviders(process.argv.slice(2) as ServedPackage[], process.env, __filename).then(
  (ports) => {
    tell({ ports });
  },
  (error: unknown) => {
    if (!(error instanceof EmulatorError)) throw error;
    tell({ refusal: { code: error.code, message: error.message } });
    process.disconnect();
  },
);
