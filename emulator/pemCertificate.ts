/** A certificate in PEM, wherever it is in a text. */
export const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/;
