export { company } from './fields.ts';
