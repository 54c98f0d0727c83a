/** Where the files of one app lie, relative to its folder. */
export const artefactPaths = {
  readme: "README.md",
  flowTopic: "topics/get-azure-access-token.flow.yaml",
  directTopic: "topics/get-azure-access-token.direct.yaml",
  graphTopic: "topics/ask-microsoft-graph.yaml",
  directGraphTopic: "topics/ask-microsoft-graph.direct.yaml",
  asMeTopic: "topics/ask-microsoft-graph-as-me.yaml",
  signInTopic: "topics/sign-in.yaml",
  connectorFolder: "connector/solution",
  connectorZip: "connector/solution.zip",
  solutionFolder: "solution",
  solutionZip: "solution.zip",
  deploymentSettings: "deployment-settings.json",
  postmanCollection: "postman/collection.json",
  postmanEnvironment: "postman/environment.json",
} as const;
