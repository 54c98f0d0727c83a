import { carryOut } from "../pulumi/child";
import { sendToParent } from "../pulumi/acknowledged";
import type { Order, Report } from "../pulumi/messages";

// The inline engine's process: started by `deploy` in emulator/pulumi/inline.ts, which sends one order.
const send = sendToParent<Report>();

process.once("message", (order: Order) => {
  void carryOut(order, send).then(
    (ok) => process.exit(ok ? 0 : 1),
    async (error: unknown) => {
      const failure =
        error instanceof Error && error.stack !== undefined
          ? { message: error.message, stack: error.stack }
          : { message: String(error) };
      await send({ kind: "failure", failure });
      await send({ kind: "end" });
      process.exit(1);
    },
  );
});
