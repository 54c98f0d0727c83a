import type { ConnectionReference } from "./connectors";
import type { ArtefactFiles } from "./files";
import type { BotComponent } from "./solution/botComponents";
import type { EnvironmentVariable } from "./solution/environmentVariables";
import type { SolutionFlow } from "./solution/solution";

/** What differs between an app with a secret, one with a Logic App and one that acts as its signed-in user. */
export interface AppParts {
  /** What the flows connect to; undefined where there is no flow. */
  readonly connection: ConnectionReference | undefined;
  readonly flows: readonly SolutionFlow[];
  readonly variables: readonly EnvironmentVariable[];
  /** The topics and tools that each agent receives. */
  readonly components: readonly Omit<BotComponent, "agentSchemaName">[];
  /** What a new agent's own topics tell its users to say. */
  readonly phrase: string;
  /** What a new agent says when it asks users to sign in. Default: that they have to. */
  readonly signInText?: string;
  /** The README, the topics as files, and what belongs to no solution. */
  readonly files: ArtefactFiles;
}
