import type { FlowName } from "../names";
import type { CopilotSettings } from "../settings";
import { element, textElements, type XmlElement } from "../xml";
import { languageCode } from "./solutionManifest";

/** The row that registers a flow: in the zip's `customizations.xml`, or beside the definition when unpacked. */
export function workflowRow(
  flow: FlowName,
  description: string,
  plan: CopilotSettings["flowPlan"],
): XmlElement {
  return element(
    "Workflow",
    {
      WorkflowId: `{${flow.workflowId}}`,
      Name: flow.displayName,
      Description: description,
      "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    },
    [
      ...textElements({
        JsonFileName: `/${flow.path}`,
        Type: 1,
        Subprocess: 0,
        // 5: a modern flow, as opposed to Dataverse's own workflows.
        Category: 5,
        Mode: 0,
        Scope: 4,
        OnDemand: 0,
        TriggerOnCreate: 0,
        TriggerOnDelete: 0,
        AsyncAutodelete: 0,
        SyncWorkflowLogOnFailure: 0,
        // 1 and 2: turned on.
        StateCode: 1,
        StatusCode: 2,
        RunAs: 1,
        IsTransacted: 1,
        IntroducedVersion: "1.0.0.0",
        IsCustomizable: 1,
        BusinessProcessType: 0,
        IsCustomProcessingStepAllowedForOtherPublishers: 1,
        ModernFlowType: plan === "copilot-studio" ? 1 : 0,
        PrimaryEntity: "none",
      }),
      element("LocalizedNames", {}, [
        element("LocalizedName", { languagecode: languageCode, description: flow.displayName }),
      ]),
      element("Descriptions", {}, [element("Description", { languagecode: languageCode, description })]),
    ],
  );
}
