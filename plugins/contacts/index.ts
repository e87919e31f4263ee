export { contact } from './fields.ts';
