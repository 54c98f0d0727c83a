/** Everything that was granted to the app on Microsoft Graph: the only scope that client credentials can ask for. */
export const graphScope = "https://graph.microsoft.com/.default";

/** Microsoft Graph itself: the audience of its tokens and the address of its API. */
export const graphResource = "https://graph.microsoft.com";
