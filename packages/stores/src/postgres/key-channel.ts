/** Where the triggers of each schema's tables tell of changed keys: the schema, a dot, and the id; no id where it is any of them. */
export const keyChannel = 'latchkey_keys'
