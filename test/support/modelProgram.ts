import { recordOf, type RecordedCredential, type WantedCredential } from "../../core/secrets/credentialState";
import { credentialDisplayName } from "../../core/secrets/credentialName";
import { readPublishedCredential } from "../../core/secrets/publishedSecret";
import type { VerificationPlan } from "../../core/secrets/secretVerification";
import {
  decideCredential,
  newerCredential,
  nextRotationAt,
  readRotationRequest,
  secretLifetimeDays,
  type CredentialDecision,
  type RotationDays,
} from "../../core/secrets/rotation";
import { azureClient } from "../../azure/azureClient";
import type { Exchange, HttpAnswer, HttpRequest } from "../../azure/http";
import { signIn } from "../../azure/signIn";
import { vaultSecrets, type VaultSecrets } from "../../azure/vaultSecrets";
import { credentialProvider, type CredentialProvider } from "../../infra/providers/credential";
import type {
  EngineRun,
  EngineStep,
  HeldResource,
  RunRequest,
  StackEngine,
} from "../../scripts/shared/engines/stackEngine";
import type { World } from "../../scripts/shared/world";
import { stackId, type DeployedStack, type SecretStackOutputs } from "./deployedStack";
import { jsonAnswer } from "./testWorld";

/** Where a run can be killed: each is the instant after the step of this name. */
export const runMoments = ["decided", "added", "verified", "published", "recorded"] as const;
export type RunMoment = (typeof runMoments)[number];

/** Thrown in the middle of a run, as `kill -9` ends it: nothing that comes after happens. */
export class Killed extends Error {}

export interface ModelOptions {
  readonly stack: DeployedStack;
  readonly world: World;
  readonly rotation: RotationDays;
  readonly verification: VerificationPlan;
  /** Takes every secret for verified, as this project must not. Default false. */
  readonly verifiesNothing?: boolean;
  /** Told of each step; may throw {@link Killed}. */
  readonly onMoment?: (moment: RunMoment, app: string) => void | Promise<void>;
}

/**
 * The Pulumi program's rotation, step by step and in one process: its real decisions and its real provider of client
 * secrets, with the state that an engine keeps. What it leaves out is Pulumi itself, which the tests with the inline engine
 * run.
 */
export class ModelProgram implements StackEngine {
  readonly name = "inline";
  readonly why = "a model of the program";
  readonly stack = "model";
  /** What the program's settings say at present. */
  rotation: RotationDays;
  /** Every `rotate` variable that a run was given. */
  readonly asked: string[] = [];
  /** What Azure answers to a publication; undefined lets it through. */
  refusePublication: string | undefined;
  readonly #options: ModelOptions;
  readonly #state = new Map<string, RecordedCredential>();
  #outputs: SecretStackOutputs;

  private constructor(options: ModelOptions) {
    this.#options = options;
    this.rotation = options.rotation;
    this.#outputs = { ...options.stack.outputs, rotation: options.rotation };
  }

  /** Goes on from a deployed stack: takes its first secrets into the state. */
  static async of(options: ModelOptions): Promise<ModelProgram> {
    const model = new ModelProgram(options);
    for (const app of Object.keys(options.stack.outputs.apps)) {
      const wanted = model.#wanted(app, { sequence: 1, cause: "first" });
      const version = await model.#vault().current(wanted.secretResourceId);
      const record = version && recordOf(version, wanted);
      if (record === undefined) throw new Error(`the vault has no record of ${app}`);
      model.#state.set(app, record);
    }
    return model;
  }

  outputs(): Promise<SecretStackOutputs> {
    return Promise.resolve(structuredClone(this.#outputs));
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
      if (await this.#isChanged(app, this.#wanted(app, decision))) steps.push(updateOf(app));
    }
    return { ok: true, outputs: undefined, steps, failures: [] };
  }

  async up({ rotate }: RunRequest = {}): Promise<EngineRun> {
    this.asked.push(rotate ?? "");
    const steps: EngineStep[] = [];
    const failures: { resource: string; message: string }[] = [];
    const apps: SecretStackOutputs["apps"] = {};
    for (const [app, decision] of await this.#decide(rotate)) {
      await this.#options.onMoment?.("decided", app);
      try {
        apps[app] = await this.#deployApp(app, decision, steps);
      } catch (error) {
        if (error instanceof Killed || !(error instanceof Error)) throw error;
        failures.push({ resource: app, message: error.message });
      }
    }
    if (failures.length > 0) return { ok: false, outputs: undefined, steps, failures };
    this.#outputs = { ...this.#outputs, rotation: this.rotation, apps };
    return { ok: true, outputs: await this.outputs(), steps, failures };
  }

  async #decide(rotate: string | undefined): Promise<Map<string, CredentialDecision>> {
    const { world } = this.#options;
    const { asked } = readRotationRequest(rotate, Object.keys(this.#outputs.apps));
    const decisions = new Map<string, CredentialDecision>();
    for (const [app, { credential, secretResourceId }] of Object.entries(this.#outputs.apps)) {
      const { sequence, cause, startsAt, endsAt } = credential;
      const version = await this.#vault().current(secretResourceId);
      const recorded = { sequence, cause, startsAt: new Date(startsAt), endsAt: new Date(endsAt) };
      const current = newerCredential(recorded, readPublishedCredential(version?.tags));
      decisions.set(app, decideCredential(current, this.rotation, world.now(), asked.get(app)));
    }
    return decisions;
  }

  async #isChanged(app: string, wanted: WantedCredential): Promise<boolean> {
    const { changes } = await this.#provider(app).diff("", this.#state.get(app), wanted);
    return changes === true;
  }

  async #deployApp(app: string, decision: CredentialDecision, steps: EngineStep[]) {
    const wanted = this.#wanted(app, decision);
    if (await this.#isChanged(app, wanted)) {
      const { outs } = await this.#provider(app).update("", this.#state.get(app), wanted);
      this.#state.set(app, outs);
      steps.push(updateOf(app));
    }
    await this.#options.onMoment?.("recorded", app);
    const { keyId, startsAt, endsAt } = this.#state.get(app) ?? { keyId: "", startsAt: "", endsAt: "" };
    const due = nextRotationAt(new Date(startsAt), this.rotation, new Date(endsAt));
    return {
      ...this.#app(app),
      credential: { ...decision, keyId, startsAt, endsAt, nextRotationAt: due.toISOString() },
    };
  }

  #wanted(app: string, { sequence, cause }: CredentialDecision): WantedCredential {
    const { stack, verification } = this.#options;
    const { clientId, applicationObjectId, secretResourceId } = this.#app(app);
    return {
      app,
      sequence,
      cause,
      displayName: credentialDisplayName(app, sequence, stackId),
      lifetimeDays: secretLifetimeDays(this.rotation),
      tenantId: stack.outputs.tenantId,
      clientId,
      applicationId: `/applications/${applicationObjectId}`,
      secretResourceId,
      consumerTags: {},
      ...verification,
    };
  }

  #app(name: string) {
    const app = this.#outputs.apps[name];
    if (app === undefined) throw new Error(`the stack has no app ${name}`);
    return app;
  }

  #vault(): VaultSecrets {
    const { world } = this.#options;
    const client = azureClient(world, { waitSeconds: 120 });
    return vaultSecrets(client, signIn(world.env, client));
  }

  /** The provider of the program, in a process that {@link Killed} ends. */
  #provider(app: string): CredentialProvider {
    const { world } = this.#options;
    let killed: Killed | undefined;
    const at = async (moment: RunMoment): Promise<void> => {
      try {
        await this.#options.onMoment?.(moment, app);
      } catch (error) {
        if (error instanceof Killed) killed = error;
        throw error;
      }
    };
    const exchange: Exchange = async (request, timeoutMilliseconds) => {
      if (killed !== undefined) throw killed;
      const isPublication = request.method === "PUT" && request.url.includes("/secrets/");
      if (isPublication) await at("verified");
      const answer = this.#answerTo(request, app) ?? (await world.exchange(request, timeoutMilliseconds));
      if (request.url.endsWith("/addPassword") && answer.status === 200) await at("added");
      if (isPublication && answer.status < 300) await at("published");
      return answer;
    };
    const { env, now, sleep, progress } = world;
    const elapsed = () => now().getTime();
    const provider = credentialProvider({ env: { ...env }, exchange, now, sleep, progress, elapsed });
    return {
      ...provider,
      update: async (...call) => {
        try {
          return await provider.update(...call);
        } catch (error) {
          throw killed ?? error;
        }
      },
    };
  }

  /** What answers in Azure's place; undefined lets Azure answer. */
  #answerTo({ method, url, body = "" }: HttpRequest, app: string): HttpAnswer | undefined {
    if (this.refusePublication !== undefined && method === "PUT" && url.includes("/secrets/")) {
      return jsonAnswer(403, { error: { code: "Forbidden", message: this.refusePublication } });
    }
    const isVerification = url.endsWith("/token") && body.includes(this.#app(app).clientId);
    return this.#options.verifiesNothing === true && isVerification
      ? jsonAnswer(200, { token_type: "Bearer", expires_in: 3599, access_token: "x.y.z" })
      : undefined;
  }
}

function updateOf(app: string): EngineStep {
  return { operation: "update", type: "pulumi-nodejs:dynamic/copilot-token:ClientSecret", name: app };
}
