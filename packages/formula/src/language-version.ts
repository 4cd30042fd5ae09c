/**
 * Version of the formula language. A deployment carries the one that it was made with; it counts up when a formula would mean something else, so that a newer program deploys the same files anew and
 * every view is given to its readers again.
 *
 * 2: a chain of arithmetic is rounded once (ADR 035).
 */
export const LANGUAGE_VERSION = 2 as const
