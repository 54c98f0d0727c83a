import type { ConnectionReference } from "./connectors";
import type { ArtefactFiles } from "./files";
import type { TopicComponent } from "./solution/botComponents";
import type { EnvironmentVariable } from "./solution/environmentVariables";
import type { SolutionFlow } from "./solution/solution";

/** What differs between an app with a secret and one with a Logic App. */
export interface AppParts {
  /** What the flows connect to. */
  readonly connection: ConnectionReference;
  readonly flows: readonly SolutionFlow[];
  readonly variables: readonly EnvironmentVariable[];
  /** The topics that each agent receives. */
  readonly topics: readonly Omit<TopicComponent, "agentSchemaName">[];
  /** What a new agent's own topics tell its users to say. */
  readonly phrase: string;
  /** The README, the topics as files, and what belongs to no solution. */
  readonly files: ArtefactFiles;
}
