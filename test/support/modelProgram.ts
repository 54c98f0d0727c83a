import { proveSecret, type ProofPlan } from "../../core/secrets/secretProof";
import { credentialDisplayName, credentialResourceName } from "../../core/secrets/credentialName";
import { readPublishedCredential } from "../../core/secrets/publishedSecret";
import {
  decideCredential,
  newerCredential,
  nextRotationAt,
  readRotationRequest,
  secretEndDate,
  type CredentialDecision,
  type RotationDays,
} from "../../core/secrets/rotation";
import { azureClient } from "../../azure/azureClient";
import type { HttpRequest } from "../../azure/http";
import { microsoftGraph, resourceManager } from "../../azure/services";
import { signIn } from "../../azure/signIn";
import type {
  EngineRun,
  EngineStep,
  HeldResource,
  RunRequest,
  StackEngine,
} from "../../scripts/shared/engines/stackEngine";
import type { World } from "../../scripts/shared/world";
import { stackId, type DeployedStack, type SecretStackOutputs } from "./deployedStack";

/** Where a run can be killed: each is the instant after the step of this name. */
export const runMoments = ["decided", "made", "held", "proved", "published", "forgotten"] as const;
export type RunMoment = (typeof runMoments)[number];

/** Thrown in the middle of a run, as `kill -9` ends it: nothing that comes after happens. */
export class Killed extends Error {}

export interface ModelOptions {
  readonly stack: DeployedStack;
  readonly world: World;
  readonly rotation: RotationDays;
  readonly proof: ProofPlan;
  /** Publishes before the proof, as this project must not. Default false. */
  readonly publishFirst?: boolean;
  /** Told of each step; may throw {@link Killed}. */
  readonly onMoment?: (moment: RunMoment, app: string) => void | Promise<void>;
}

interface Password {
  readonly keyId: string;
  readonly value: string;
  readonly startsAt: string;
  readonly endsAt: string;
  proved: { readonly at: string; readonly tokens: number } | undefined;
}

/**
 * The Pulumi program's rotation, step by step and in one process: its real decisions and its real proof, with the
 * requests that the providers make and the state that an engine keeps. What it leaves out is Pulumi itself, which
 * the tests with the inline engine run.
 */
export class ModelProgram implements StackEngine {
  readonly name = "inline";
  readonly why = "a model of the program";
  readonly stack = "model";
  /** What the program's settings say at present. */
  rotation: RotationDays;
  /** Every `rotate` variable that a run was given. */
  readonly asked: string[] = [];
  /** What Azure answered to a publication; undefined lets it through. */
  refusePublication: string | undefined;
  readonly #options: ModelOptions;
  readonly #passwords = new Map<string, Password>();
  readonly #published = new Map<string, string>();
  #outputs: SecretStackOutputs;

  private constructor(options: ModelOptions) {
    this.#options = options;
    this.rotation = options.rotation;
    this.#outputs = { ...options.stack.outputs, rotation: options.rotation };
  }

  /** Goes on from a deployed stack: takes its first secrets into the state and gives them their full tags. */
  static async of(options: ModelOptions): Promise<ModelProgram> {
    const model = new ModelProgram(options);
    for (const [app, { credential }] of Object.entries(options.stack.outputs.apps)) {
      const { vaultName } = options.stack.outputs;
      const data = options.stack.tenant.state.vaults[vaultName]?.secrets[app.toLowerCase()];
      const password: Password = {
        keyId: credential.keyId,
        value: data?.versions.at(-1)?.value ?? "",
        startsAt: credential.startsAt,
        endsAt: credential.endsAt,
        proved: { at: credential.startsAt, tokens: 5 },
      };
      model.#passwords.set(credentialResourceName(app, 1), password);
      await model.#publish(app, password, { sequence: 1, cause: "first" });
    }
    return model;
  }

  outputs(): Promise<SecretStackOutputs> {
    return Promise.resolve(structuredClone(this.#outputs));
  }

  heldKeyIds(): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set([...this.#passwords.values()].map(({ keyId }) => keyId)));
  }

  unlock(): Promise<string> {
    return Promise.resolve("Stack model was not locked.");
  }

  resources(): Promise<readonly HeldResource[]> {
    return Promise.resolve([]);
  }

  destroy(): Promise<EngineRun> {
    return Promise.reject(new Error("the model cannot be destroyed"));
  }

  previewDestroy(): Promise<EngineRun> {
    return this.destroy();
  }

  async preview({ rotate }: RunRequest = {}): Promise<EngineRun> {
    const steps: EngineStep[] = [];
    for (const [app, decision] of await this.#decide(rotate)) {
      if (this.#passwords.has(credentialResourceName(app, decision.sequence))) continue;
      steps.push({
        operation: "create",
        type: "azuread:index/applicationPassword:ApplicationPassword",
        name: credentialResourceName(app, decision.sequence),
      });
    }
    return { ok: true, outputs: undefined, steps, failures: [] };
  }

  async up({ rotate }: RunRequest = {}): Promise<EngineRun> {
    this.asked.push(rotate ?? "");
    const steps: EngineStep[] = [];
    const failures: { resource: string; message: string }[] = [];
    const current = new Set<string>();
    const apps: SecretStackOutputs["apps"] = {};
    for (const [app, decision] of await this.#decide(rotate)) {
      await this.#at("decided", app);
      try {
        apps[app] = await this.#deployApp(app, decision, steps);
        current.add(credentialResourceName(app, decision.sequence));
      } catch (error) {
        if (error instanceof Killed || !(error instanceof Error)) throw error;
        failures.push({ resource: credentialResourceName(app, decision.sequence), message: error.message });
      }
    }
    if (failures.length > 0) return { ok: false, outputs: undefined, steps, failures };
    for (const name of this.#passwords.keys()) if (!current.has(name)) this.#passwords.delete(name);
    this.#outputs = { ...this.#outputs, rotation: this.rotation, apps };
    return { ok: true, outputs: await this.outputs(), steps, failures };
  }

  async #decide(rotate: string | undefined): Promise<Map<string, CredentialDecision>> {
    const { world } = this.#options;
    const { asked } = readRotationRequest(rotate, Object.keys(this.#outputs.apps));
    const decisions = new Map<string, CredentialDecision>();
    for (const [app, { credential, secretResourceId }] of Object.entries(this.#outputs.apps)) {
      const { sequence, cause, startsAt, endsAt } = credential;
      const secret = await this.#arm("GET", secretResourceId);
      const inVault = readPublishedCredential(secret["tags"] as Record<string, string>);
      const recorded = { sequence, cause, startsAt: new Date(startsAt), endsAt: new Date(endsAt) };
      const current = newerCredential(recorded, inVault);
      decisions.set(app, decideCredential(current, this.rotation, world.now(), asked.get(app)));
    }
    return decisions;
  }

  async #deployApp(app: string, decision: CredentialDecision, steps: EngineStep[]) {
    const name = credentialResourceName(app, decision.sequence);
    let password = this.#passwords.get(name);
    if (password === undefined) {
      password = await this.#makePassword(app, decision.sequence);
      await this.#at("made", app);
      this.#passwords.set(name, password);
      steps.push({
        operation: "create",
        type: "azuread:index/applicationPassword:ApplicationPassword",
        name,
      });
      await this.#at("held", app);
    }
    const isNew = this.#published.get(app) !== password.keyId;
    if (isNew && this.#options.publishFirst === true) await this.#publish(app, password, decision);
    if (password.proved === undefined) {
      password.proved = await this.#prove(app, password);
      await this.#at("proved", app);
    }
    if (isNew) {
      if (this.#options.publishFirst !== true) await this.#publish(app, password, decision);
      steps.push({ operation: "update", type: "azure-native:keyvault:Secret", name: app });
      await this.#at("published", app);
    }
    await this.#at("forgotten", app);
    return this.#appOutputs(app, password, decision);
  }

  async #makePassword(app: string, sequence: number): Promise<Password> {
    const { world } = this.#options;
    const path = `/v1.0/applications/${this.#app(app).applicationObjectId}/addPassword`;
    const made = await this.#call("POST", `https://graph.microsoft.com${path}`, {
      passwordCredential: {
        displayName: credentialDisplayName(app, sequence, stackId),
        endDateTime: secretEndDate(world.now(), this.rotation),
      },
    });
    return {
      keyId: String(made["keyId"]),
      value: String(made["secretText"]),
      startsAt: String(made["startDateTime"]),
      endsAt: String(made["endDateTime"]),
      proved: undefined,
    };
  }

  async #prove(app: string, { value, keyId }: Password): Promise<{ at: string; tokens: number }> {
    const { world, proof, stack } = this.#options;
    const { clientId } = this.#app(app);
    const result = await proveSecret(
      { tenantId: stack.outputs.tenantId, clientId, clientSecret: value },
      proof,
      {
        send: async ({ url, headers, body }) => {
          const answer = await world.exchange({ method: "POST", url, headers, body }, 30_000);
          return {
            status: answer.status,
            body: answer.body,
            retryAfter: answer.headers["retry-after"] ?? null,
          };
        },
        elapsed: () => world.now().getTime(),
        sleep: world.sleep,
        now: world.now,
      },
    );
    if (!result.proved)
      throw new Error(`Entra refused ${keyId}: ${result.refusal.code}: ${result.refusal.description}`);
    return { at: result.provedAt, tokens: result.tokens };
  }

  async #publish(app: string, password: Password, decision: CredentialDecision): Promise<void> {
    if (this.refusePublication !== undefined) throw new Error(this.refusePublication);
    await this.#arm("PUT", this.#app(app).secretResourceId, {
      tags: {
        app,
        clientId: this.#app(app).clientId,
        keyId: password.keyId,
        sequence: String(decision.sequence),
        startsAt: password.startsAt,
        cause: decision.cause,
        provedAt: password.proved?.at ?? "",
        provedBy: `${password.proved?.tokens ?? 0} tokens`,
      },
      properties: {
        value: password.value,
        contentType: "Entra client secret",
        attributes: { enabled: true, exp: Date.parse(password.endsAt) / 1000 },
      },
    });
    this.#published.set(app, password.keyId);
  }

  #appOutputs(app: string, { keyId, startsAt, endsAt }: Password, decision: CredentialDecision) {
    const due = nextRotationAt(new Date(startsAt), this.rotation, new Date(endsAt));
    return {
      ...this.#app(app),
      credential: { ...decision, keyId, startsAt, endsAt, nextRotationAt: due.toISOString() },
    };
  }

  #app(name: string) {
    const app = this.#outputs.apps[name];
    if (app === undefined) throw new Error(`the stack has no app ${name}`);
    return app;
  }

  #arm(method: string, resourceId: string, body?: unknown): Promise<Record<string, unknown>> {
    return this.#call(method, `https://management.azure.com${resourceId}?api-version=2024-11-01`, body);
  }

  /** Signs in and waits out what is passing, as the providers do. */
  async #call(method: string, url: string, body?: unknown): Promise<Record<string, unknown>> {
    const { world } = this.#options;
    const client = azureClient(world, { waitSeconds: 120 });
    const to = [microsoftGraph, resourceManager].find((service) => service.owns(new URL(url).hostname));
    if (to === undefined) throw new Error(`no service of ${url}`);
    const token = await signIn(world.env, client).getToken(to);
    const request = { to, method: method as HttpRequest["method"], url, token, json: body };
    const answer = await client.send(request, { service: new URL(url).hostname });
    if (answer.status >= 300) throw new Error(`${method} ${url} -> ${answer.status} ${answer.body}`);
    return JSON.parse(answer.body) as Record<string, unknown>;
  }

  async #at(moment: RunMoment, app: string): Promise<void> {
    await this.#options.onMoment?.(moment, app);
  }
}
