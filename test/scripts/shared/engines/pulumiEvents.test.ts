import { describe, expect, it } from "vitest";
import type { EngineEvent, OpType } from "@pulumi/pulumi/automation/index.js";
import { parentTypeIn, pulumiRecord } from "../../../../scripts/shared/engines/pulumiEvents";

const urn = (type: string, name: string): string =>
  `urn:pulumi:dev::copilot-token::copilot-token:infra:ClientSecret$${type}::${name}`;
const secretType = "azure-native:keyvault:Secret";
const event = (more: object): EngineEvent => ({ sequence: 1, timestamp: 1, ...more });
const step = (op: OpType, type: string, name: string, old?: object) => ({
  metadata: { op, type, urn: urn(type, name), provider: "", ...(old === undefined ? {} : { old }) },
});

describe("parentTypeIn", () => {
  it.each([
    ["copilot-token:infra:App$copilot-token:infra:ClientSecret$pkg:Kind", "copilot-token:infra:ClientSecret"],
    ["pkg:Kind", undefined],
  ])("reads of %s the component next to the resource", (types, expected) => {
    expect(parentTypeIn(`urn:pulumi:dev::copilot-token::${types}::Mail`)).toBe(expected);
  });
});

describe("pulumiRecord", () => {
  it("keeps what changed, in order, and calls a retained resource forgotten", () => {
    const record = pulumiRecord(false);
    const password = "azuread:index/applicationPassword:ApplicationPassword";
    for (const done of [
      step("same", secretType, "Mail"),
      step("create", password, "Mail-2"),
      step("update", secretType, "Mail"),
      step("delete", password, "Mail-1", { retainOnDelete: true }),
      step("delete", "azuread:index/appRoleAssignment:AppRoleAssignment", "Mail-Mail.Send", {}),
      step("create", "copilot-token:infra:ClientSecret", "Mail"),
      step("create", "pulumi:pulumi:Stack", "copilot-token-dev"),
    ]) {
      record.take(event({ resOutputsEvent: done }));
    }
    expect(record.steps.map(({ operation, name }) => `${operation} ${name}`)).toEqual([
      "create Mail-2",
      "update Mail",
      "forget Mail-1",
      "delete Mail-Mail.Send",
    ]);
  });

  it("takes a preview's plans, which never come to outputs, and shows a run's as progress", () => {
    const planned = event({ resourcePreEvent: step("create", secretType, "Mail") });
    const preview = pulumiRecord(true);
    preview.take(planned);
    expect(preview.steps).toEqual([{ operation: "create", type: secretType, name: "Mail" }]);
    const shown: string[] = [];
    const run = pulumiRecord(false, (line) => shown.push(line));
    run.take(planned);
    expect([run.steps, shown]).toEqual([[], ["create Mail"]]);
  });

  it("keeps each resource's own reason, without colours and without the closing words", () => {
    const record = pulumiRecord(false);
    const say = (severity: string, message: string, about?: string) => {
      record.take(
        event({
          diagnosticEvent: {
            severity,
            message,
            color: "never",
            ...(about === undefined ? {} : { urn: about }),
          },
        }),
      );
    };
    say("error", "<{%fg 1%}>AADSTS7000215: No.<{%reset%}>\n", urn(secretType, "Mail"));
    say(
      "error",
      "the program's own fault",
      "urn:pulumi:dev::copilot-token::pulumi:pulumi:Stack::copilot-token-dev",
    );
    say("warning", "careful", urn(secretType, "Mail"));
    say(
      "error",
      "1 error occurred:\n\t* building client: AADSTS700213: No.\n\n",
      urn("azuread:index/appRoleAssignment:AppRoleAssignment", "Mail-Mail.Send"),
    );
    say("error", "1 error occurred");
    say("error", "update failed");
    expect(record.failures).toEqual([
      { resource: "Mail", message: "AADSTS7000215: No." },
      { message: "the program's own fault" },
      { resource: "Mail-Mail.Send", message: "building client: AADSTS700213: No." },
    ]);
  });
});
