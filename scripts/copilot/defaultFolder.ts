/** Where the files go. Not below dist/, which every build removes. */
export const defaultFolder = ".copilot-token/copilot";
