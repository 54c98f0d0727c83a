import { jsonFile, type ArtefactFiles } from "../files";
import { element, renderXml, textElements } from "../xml";
import { languageCode } from "./solutionManifest";

/** A new agent: who may talk to it, and how it chooses topics. */
export interface NewAgent {
  readonly schemaName: string;
  readonly displayName: string;
  /** Whether phrases start topics; else a model chooses among topics and tools. */
  readonly classic: boolean;
}

/** Schema name of an agent to make: the publisher's prefix and the name's letters and digits. */
export function newAgentSchemaName(publisherPrefix: string, displayName: string): string {
  return `${publisherPrefix}_${displayName.replace(/[^a-zA-Z0-9]/g, "")}`;
}

/** The agent's own files; its topics are components beside it. */
export function agentFiles({ schemaName, displayName, classic }: NewAgent): ArtefactFiles {
  const bot = element(
    "bot",
    { schemaname: schemaName },
    textElements({
      // 2: signs users in with Microsoft, as the exports compared with have it.
      authenticationmode: 2,
      authenticationtrigger: 1,
      iscustomizable: 0,
      language: languageCode,
      name: displayName,
      runtimeprovider: 0,
      template: "default-2.1.0",
    }),
  );
  const configuration = {
    $kind: "BotConfiguration",
    settings: {
      GenerativeActionsEnabled: !classic,
    },
    // Every exported agent of the standard harness has it.
    recognizer: { $kind: "GenerativeAIRecognizer" },
    aISettings: {
      $kind: "AISettings",
      useModelKnowledge: false,
      isSemanticSearchEnabled: false,
      optInUseLatestModels: false,
    },
  };
  return new Map([
    [`bots/${schemaName}/bot.xml`, renderXml(bot, { declaration: false })],
    [`bots/${schemaName}/configuration.json`, jsonFile(configuration)],
  ]);
}
