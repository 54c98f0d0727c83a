import { chooseProgramCloud } from "../../core/cloud/chosenCloud";
import type { Cloud } from "../../core/cloud/clouds";
import { faultsError, OperatorError } from "../../core/errors";
import type { IdentityKey } from "../../core/access/rights";
import type { JudgedSettings, Settings } from "../../core/settings/settings";
import { judgeStackConfig } from "../../core/settings/stackConfig";
import { readStackOutputs, type StackOutputs } from "../../core/outputs/stackOutputs";
import { heldInline } from "../shared/engines/chooseEngine";
import { fetchVault } from "../../azure/arm";
import { azureClient, type AzureClient } from "../../azure/azureClient";
import type { Credential } from "../../azure/credential";
import { graphApi, type GraphApi } from "../../azure/graph";
import { microsoftGraph, type Service } from "../../azure/services";
import { knowing, known, unknown, type Known } from "../shared/known";
import { publishedSettings } from "./otherProgram";
import { signIn, type Identity, type LoadDefaultCredential } from "../../azure/signIn";
import { readStack, type StackFile } from "../shared/stackFile";
import { findSubscription } from "../shared/subscription";
import { loadOutputs, ofCloud } from "../shared/stackOutputs";
import { textClaim, type DecodedToken } from "../../azure/tokenClaims";
import type { World } from "../shared/world";

/** What the checks look at, each fact had once. */
export interface DoctorContext {
  readonly world: World;
  readonly client: AzureClient;
  readonly stack: string;
  /** Whose work the identity is going to do. */
  readonly who: IdentityKey;
  readonly file: Known<StackFile>;
  readonly judged: Known<JudgedSettings>;
  /** Unknown when a setting is faulty. */
  readonly settings: Known<Settings>;
  readonly identity: Known<Identity>;
  /** The caller's own token for Microsoft Graph, decoded: who it is and what it may do. */
  readonly graphToken: Known<DecodedToken>;
  readonly callerObjectId: string | undefined;
  readonly graph: GraphApi;
  readonly subscriptionId: Known<string>;
  /** Of an earlier `up`; unknown before the first. */
  readonly outputs: Known<StackOutputs>;
}

/** A doctor does not wait: a busy service is tried again for this long. */
const waitSeconds = 30;

/**
 * @param asked The stack that is named or selected. Default: `dev`, whichever engine made it.
 * @param loadDefault As {@link signIn} takes it.
 */
export async function doctorContext(
  world: World,
  asked: string | undefined,
  who: IdentityKey,
  loadDefault?: LoadDefaultCredential,
): Promise<DoctorContext> {
  const stack = asked ?? "dev";
  const file = await knowing(readStack(world, stack));
  const { cloud } = chooseProgramCloud(file.known ? file.value.values : {}, world.env);
  const client = azureClient(world, { waitSeconds }, cloud);
  const identity = await knowing(
    Promise.resolve().then(() => signIn(world.env, client, undefined, loadDefault)),
  );
  const getToken = async (service: Service): Promise<Credential> => {
    if (!identity.known) throw identity.error;
    return identity.value.getToken(service);
  };
  const [graphToken, subscriptionId, outputs] = await Promise.all([
    knowing(getToken(microsoftGraph).then((token) => token.decode())),
    knowing(findSubscription(world.env, client, identity, configuredSubscription(file))),
    knowing(ownOutputs(world, cloud, asked)),
  ]);
  const judged = world.inOtherProgram
    ? await publishedOf(client, identity, outputs)
    : file.known
      ? judgedOf(file.value, world.env)
      : file;
  return {
    world,
    client,
    stack,
    who,
    file,
    judged,
    settings: judged.known ? settingsOf(judged.value) : judged,
    identity,
    graphToken,
    callerObjectId: graphToken.known ? textClaim(graphToken.value, "oid") : undefined,
    graph: graphApi(client, () => getToken(microsoftGraph)),
    subscriptionId,
    outputs,
  };
}

/** Outputs of the stack, from whichever engine it belongs to. */
async function ownOutputs(world: World, cloud: Cloud, stack: string | undefined): Promise<StackOutputs> {
  const held = await heldInline({ projectDir: world.directory, environment: world.env, stack })?.outputs();
  if (held !== undefined) return ofCloud(readStackOutputs(held), cloud);
  // This command takes no outputs from standard input.
  const stdin = { kind: "none", read: () => Promise.resolve("") } as const;
  return (await loadOutputs({ ...world, stdin }, stack === undefined ? { cloud } : { cloud, stack })).outputs;
}

function configuredSubscription(file: Known<StackFile>): string | undefined {
  return file.known ? file.value.values["azure-native:subscriptionId"] : undefined;
}

/** What a program of another project has deployed, as settings. */
async function publishedOf(
  client: AzureClient,
  identity: Known<Identity>,
  outputs: Known<StackOutputs>,
): Promise<Known<JudgedSettings>> {
  if (!outputs.known) return outputs;
  const vault = identity.known
    ? await knowing(fetchVault(client, identity.value, outputs.value.vaultResourceId))
    : identity;
  return known(publishedSettings(outputs.value, vault.known ? vault.value : undefined));
}

/** Unknown where a part of the settings could not be read: good ones might look wrong without it. */
function judgedOf(file: StackFile, env: World["env"]): Known<JudgedSettings> {
  if (file.unread.length === 0) return known(judgeStackConfig(file, env));
  return unknown(new OperatorError("SETTINGS_UNREAD", `not checked: ${file.unread.join("; ")}`));
}

function settingsOf(judged: JudgedSettings): Known<Settings> {
  return judged.settings === undefined ? unknown(faultsError(judged.faults)) : known(judged.settings);
}
