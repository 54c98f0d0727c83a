import type { EngineEvent, OpType, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";
import type { EngineFailure, EngineStep } from "./stackEngine";

type Described = Pick<StepEventMetadata, "op" | "urn" | "type" | "old"> & {
  readonly old?: { readonly retainOnDelete?: boolean };
};

const operations: Readonly<Partial<Record<OpType, EngineStep["operation"]>>> = {
  create: "create",
  update: "update",
  replace: "replace",
  import: "import",
  "import-replacement": "import",
  delete: "delete",
  discard: "forget",
};

/** What the CLI's events tell of a run. */
export interface PulumiRecord {
  readonly steps: readonly EngineStep[];
  readonly failures: readonly EngineFailure[];
  /** Whether the engine warned of operations that an interrupted run left open. */
  readonly hasPending: boolean;
  take(event: EngineEvent): void;
}

/**
 * Collects steps and failures from the engine's events.
 *
 * @param preview Then a step counts when it is planned; otherwise when it is done.
 */
export function pulumiRecord(preview: boolean, onProgress?: (line: string) => void): PulumiRecord {
  const steps: EngineStep[] = [];
  const failures: EngineFailure[] = [];
  let hasPending = false;
  return {
    steps,
    failures,
    get hasPending() {
      return hasPending;
    },
    take: ({ resourcePreEvent, resOutputsEvent, diagnosticEvent }) => {
      if (resourcePreEvent !== undefined) {
        const step = stepOf(resourcePreEvent.metadata);
        if (step === undefined) return;
        if (preview) steps.push(step);
        else onProgress?.(`${step.operation} ${step.name}`);
      }
      if (resOutputsEvent !== undefined && !preview) {
        const step = stepOf(resOutputsEvent.metadata);
        if (step !== undefined) steps.push(step);
      }
      if (diagnosticEvent?.severity === "warning" && pendingWarning.test(diagnosticEvent.message)) {
        hasPending = true;
      }
      if (diagnosticEvent?.severity === "error") {
        const failure = failureOf(diagnosticEvent.urn, diagnosticEvent.message);
        if (failure !== undefined) failures.push(failure);
      }
    },
  };
}

function stepOf({ op, urn, type, old }: Described): EngineStep | undefined {
  const operation = operations[op];
  const name = nameIn(urn);
  // Components, the stack and the providers are bookkeeping.
  if (operation === undefined || name === undefined || type.startsWith("pulumi:") || isComponent(type)) {
    return undefined;
  }
  return {
    operation: operation === "delete" && old?.retainOnDelete === true ? "forget" : operation,
    type,
    name,
  };
}

/** This project's components; what its plugin provides is `copilot-token:index:…`. */
function isComponent(type: string): boolean {
  return /^copilot-token:(?!index:)/.test(type);
}

/** A resource's own name, the URN's last part. */
export function nameIn(urn: string): string | undefined {
  return urn.split("::").slice(3).join("::") || undefined;
}

/** Type of the component that a resource belongs to: in the URN it stands before the resource's own. */
export function parentTypeIn(urn: string): string | undefined {
  return urn.split("::")[2]?.split("$").at(-2);
}

/** @see https://github.com/pulumi/pulumi/blob/v3.259.0/pkg/resource/deploy/deployment_executor.go (read 2026-11) */
const pendingWarning = /with \d+ pending operations from previous deployment/;

/** The engine's closing words repeat what each resource has said. */
const summaries = /^(?:preview|update|resource) (?:failed|operation)/i;

/** How providers that come from Terraform begin a list of errors. */
const listHead = /^\d+ errors? occurred:?\s*(?:\*\s*)?/i;

function failureOf(urn: string | undefined, text: string): EngineFailure | undefined {
  const message = withoutMarkup(text).trim().replace(listHead, "");
  if (message === "" || summaries.test(message)) return undefined;
  const resource = urn === undefined || urn.includes("::pulumi:pulumi:Stack::") ? undefined : nameIn(urn);
  return resource === undefined ? { message } : { resource, message };
}

/** Takes out the engine's colour marks, such as `<{%fg 1%}>`. */
function withoutMarkup(text: string): string {
  return text.replace(/<\{%[^%]*%\}>/g, "");
}
