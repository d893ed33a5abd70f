export { adapterCases, runAdapterCase } from './adapter-cases.js'
export { type AdapterSuiteOptions, adapterSuite, type StartedLab } from './adapter-suite.js'
export type { AdapterCase, Caller, Lab, LabSettings } from './lab.js'
export { type PresetDelivery, presetDelivery, presetSecret } from './preset-deliveries.js'
