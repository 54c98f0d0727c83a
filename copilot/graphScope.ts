/** Everything that was granted to the app on Microsoft Graph: the only scope that client credentials can ask for. */
export const graphScope = "https://graph.microsoft.com/.default";
