export { admit } from './admission.ts';
export type { Admission, AdmissionContext, Door } from './admission.ts';
