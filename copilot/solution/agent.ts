import { stringify } from "yaml";
import { jsonFile, type ArtefactFiles } from "../files";
import { element, renderXml, textElements } from "../xml";
import { nothing, type BotComponent } from "./botComponents";
import { languageCode } from "./solutionManifest";

/** A new agent: who may talk to it, and how it chooses topics. */
export interface NewAgent {
  readonly schemaName: string;
  readonly displayName: string;
  /** Whether phrases start topics; else a model chooses among topics and tools. */
  readonly classic: boolean;
}

/**
 * What a new agent with generative orchestration is told: the page **Overview**, **Instructions**.
 *
 * @param phrase To begin with.
 */
export function agentInstructions({ schemaName, displayName }: NewAgent, phrase: string): BotComponent {
  return {
    agentSchemaName: schemaName,
    kind: "gpt",
    identifier: "default",
    displayName,
    description: "Answers with what its tools and topics return.",
    yaml: stringify(
      {
        kind: "GptComponentMetadata",
        instructions:
          "Answer with what your tools and topics return, and make nothing up. " +
          'When the output "problem" of a tool is not empty, say it in plain words with its code. ' +
          "Show a list as a list. Ask for a value that a tool needs and the user did not give.",
        gptCapabilities: {},
        conversationStarters: [{ title: phrase, text: phrase }],
      },
      { lineWidth: 0 },
    ),
    uses: nothing,
  };
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
    ...(classic
      ? {}
      : { gPTSettings: { $kind: "GPTSettings", defaultSchemaName: `${schemaName}.gpt.default` } }),
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
