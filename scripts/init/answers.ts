import { oneLine } from "../../core/sinks";
import type { Settings } from "../../core/settings/settings";
import { UsageError } from "../shared/command";
import type { World } from "../shared/world";
import { areForUsers, delegatedQuestion, permissionQuestion, tierZeroReason } from "./permissionQuestion";
import { askUntilRight, confirm, splitAnswer, type Question } from "./question";
import { appQuestion, emailQuestion, locationQuestion, ownersQuestion, readersQuestion } from "./questions";
import type { StackAnswers } from "./stackDocument";
import type { TenantView } from "./tenantView";

/** What the command line says. */
export interface InitRequest {
  /** Values by flag; absent where the flag is. */
  readonly given: Readonly<Record<string, readonly string[] | undefined>>;
  /** Permissions that can take over the tenant and are accepted by name. */
  readonly acceptTierZero: readonly string[];
  /** Whether a person at a terminal answers what is not given; otherwise the defaults apply. */
  readonly asks: boolean;
}

/** What the stack says so far, defaults filled in: the usual answers. */
export interface Present {
  readonly settings: Settings;
  readonly location: string | undefined;
  /** Permissions that the file asks for, by app. */
  readonly permissions: ReadonlyMap<string, readonly string[]>;
  /** Delegated ones, of the apps that act as their users. */
  readonly delegated: ReadonlyMap<string, readonly string[]>;
}

/** Gets answers one by one, from flags or from the terminal, and keeps what is wrong with flags. */
export class Answering {
  readonly #faults: string[] = [];

  constructor(
    readonly world: World,
    readonly request: InitRequest,
  ) {}

  /** @returns Values that can work; none for a flag that cannot, which {@link check} then tells. */
  async answer<Value>(question: Question<Value>): Promise<readonly Value[]> {
    const { asks, given } = this.request;
    const texts = given[question.flag];
    if (texts === undefined && asks) return askUntilRight(this.world, question);
    const verdict = await question.judge(
      texts === undefined ? question.usual : splitAnswer(texts, question.takesMany),
    );
    if (verdict.values !== undefined) return verdict.values;
    if (asks) {
      for (const fault of verdict.faults) this.world.tell(`  ${oneLine(fault)}`);
      return askUntilRight(this.world, { ...question, usual: verdict.instead ?? question.usual });
    }
    this.refuse(verdict.faults.map((fault) => `--${question.flag} ${fault}`));
    return [];
  }

  refuse(faults: readonly string[]): void {
    this.#faults.push(...faults);
  }

  /** @throws {UsageError} naming everything that is wrong with the flags. */
  check(): void {
    if (this.#faults.length === 0) return;
    throw new UsageError(
      `Nothing was written.\n${this.#faults.map((fault) => `  ${oneLine(fault)}`).join("\n")}`,
    );
  }
}

/**
 * Everything that a stack file needs to say.
 *
 * @throws {UsageError} naming every flag whose value cannot work.
 */
export async function gatherAnswers(
  answering: Answering,
  { settings, location, permissions, delegated }: Present,
  tenant: TenantView,
): Promise<StackAnswers> {
  const caller = tenant.caller.known ? [tenant.caller.value] : [];
  const readers =
    settings.vault.readers.length > 0
      ? settings.vault.readers
      : caller.map(({ objectId, type }) => ({ id: objectId, type }));
  const owners = settings.owners.length > 0 ? settings.owners : caller.map(({ objectId }) => objectId);

  const [where = ""] = await answering.answer(locationQuestion(location, tenant.locations));
  const [app = ""] = await answering.answer(
    appQuestion([...permissions.keys()][0] ?? Object.keys(settings.apps)[0]),
  );
  const present =
    permissions.get(app) ??
    [...permissions.values()][0] ??
    Object.values(settings.apps)[0]?.permissions ??
    [];
  const { given, asks } = answering.request;
  if (given["delegated"] !== undefined && given["permission"] !== undefined) {
    answering.refuse([
      "--delegated: an app acts either as itself (--permission) or as its signed-in user (--delegated)",
    ]);
  }
  const isForUsers =
    given["delegated"] !== undefined || (given["permission"] === undefined && delegated.has(app));
  const question = isForUsers
    ? delegatedQuestion(delegated.get(app) ?? [], tenant.permissions)
    : permissionQuestion(present, tenant.permissions, asks);
  const granted = await permissionsOf(answering, question, settings, tenant);
  const answers = {
    location: where,
    app,
    ...granted,
    readers: await answering.answer(readersQuestion(readers, tenant)),
    owners: await answering.answer(ownersQuestion(owners, tenant.caller)),
    email: (await answering.answer(emailQuestion(settings.alerts.email)))[0],
  };
  answering.check();
  return answers;
}

/** Permissions, and those among them that have been accepted by name. */
async function permissionsOf(
  answering: Answering,
  question: Question,
  settings: Settings,
  tenant: TenantView,
): Promise<Pick<StackAnswers, "permissions" | "delegated" | "acceptTierZero">> {
  const { world, request } = answering;
  answering.refuse(
    request.acceptTierZero
      .filter((name) => tierZeroReason(name) === undefined)
      .map((name) => `--accept-tier-zero ${name}: it cannot take over the tenant, so it needs no acceptance`),
  );
  const accepted = new Set([...settings.acceptTierZero, ...request.acceptTierZero]);
  let permissions = await answering.answer(question);
  for (;;) {
    const risky = permissions.filter((name) => tierZeroReason(name) !== undefined && !accepted.has(name));
    if (!request.asks) {
      answering.refuse(
        risky.map((name) => `${tierZeroReason(name) ?? ""}: ask for less, or add --accept-tier-zero ${name}`),
      );
      break;
    }
    for (const name of risky) {
      if (await confirm(world, `  ${tierZeroReason(name) ?? ""}. Accept that?`, false)) accepted.add(name);
    }
    const kept = permissions.filter((name) => !risky.includes(name) || accepted.has(name));
    const isRight =
      question.flag === "delegated" ||
      !areForUsers(permissions, tenant.permissions) ||
      (await confirmUsers(world));
    if (kept.length === permissions.length && isRight) break;
    permissions = await askUntilRight(world, { ...question, usual: kept.length > 0 ? kept : question.usual });
  }
  const isForUsers = question.flag === "delegated" || areForUsers(permissions, tenant.permissions);
  return {
    ...(isForUsers ? { permissions: [], delegated: permissions } : { permissions, delegated: [] }),
    acceptTierZero: [...accepted],
  };
}

function confirmUsers(world: World): Promise<boolean> {
  return confirm(
    world,
    "  These are for a signed-in user: the agent acts as the user who chats with it, and reaches what that user can reach. Is that right?",
    true,
  );
}
