/** An app's key in the settings and the outputs: a word in every place where it is shown, commands of a shell among them. */
export const appNamePattern = /^[A-Za-z][A-Za-z0-9._-]{0,99}$/;
