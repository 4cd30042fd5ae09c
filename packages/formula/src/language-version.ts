/** Version of the formula language. A deployment carries the one that it was written for; it counts up when a formula would mean something else. */
export const LANGUAGE_VERSION = 1 as const
