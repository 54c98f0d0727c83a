import { commandFix, personFix, refreshCommand } from "../../../core/fix";
import { notOursReason } from "../../../core/permissions/existingApps";
import { foreignTags, ownershipOf } from "../../../core/ownershipMark";
import type { AppEvidence, StackEvidence } from "../evidence";
import type { Finding } from "../report";
import { notSeen } from "./explain";
import { directoryRight } from "./grants";

/** `ownership`: application and service principal carry this stack's mark, and no other stack's. */
export function checkOwnership(app: AppEvidence, stack: StackEvidence): Finding | undefined {
  const { applicationObjectId } = app.outputs;
  // A managed identity is found by its ARM ID, and no other stack can have it.
  if (applicationObjectId === undefined) return undefined;
  if (!app.directory.known) return notSeen("the app's mark", app.directory.error, directoryRight);
  const { stackId } = stack.outputs;
  const { application, servicePrincipal } = app.directory.value;
  const ownerships = [application?.tags ?? [], servicePrincipal.tags].map((tags) =>
    ownershipOf(tags, stackId),
  );
  const other = ownerships.find((one) => one.kind === "otherStack");
  const evidence = {
    stackId: stackId ?? null,
    tags: application?.tags ?? [],
    foreignTags: foreignTags(application?.tags ?? []),
  };
  if (other !== undefined) {
    return {
      status: "fail",
      summary: notOursReason({ applicationObjectId }, other),
      evidence,
      fixes: [
        personFix(
          "ownership.decide",
          "A person decides which of the two stacks keeps the app. In the other one, take it out of the settings under " +
            "protect: false, having taken it out of that stack's state (pulumi state delete), so that it is not deleted.",
        ),
      ],
    };
  }
  if (ownerships.some(({ kind }) => kind === "unmarked")) {
    return {
      status: "note",
      summary: "it does not carry this stack's mark yet, so another stack could adopt it",
      evidence,
      fixes: [
        commandFix(
          "ownership.mark",
          "The next run writes the mark, and replaces nothing",
          refreshCommand(stack.stackName),
        ),
      ],
    };
  }
  return { status: "pass", summary: "it carries this stack's mark and no other's", evidence };
}
