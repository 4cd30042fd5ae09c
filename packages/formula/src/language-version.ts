/**
 * Version of the formula language. A deployment carries the one that it was made with; it counts up when a formula would mean something else, so that a newer program deploys the same files anew and
 * every view is given to its readers again.
 *
 * 2: a chain of arithmetic is rounded once (ADR 035).
 * 3: what has a serial number meets numbers by it in criteria and lookups (ADR 038). Characters are code points, arguments left out of lists are 0, and what else docs/excel.md says in detail.
 */
export const LANGUAGE_VERSION = 3 as const
