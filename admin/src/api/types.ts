// The one place that knows how the server names its schemas. A rename over there is one line here.
import type { components } from './schema';

type Schemas = components['schemas'];

export type Appointment = Schemas['Appointment'];
export type Contact = Schemas['Contact'];
export type ContactSummary = Schemas['ContactName'];
export type Conversation = Schemas['Conversation'];
export type Dashboard = Schemas['Dashboard'];
export type DashboardDay = Schemas['Day'];
export type Health = Schemas['Health'];
export type Job = Schemas['Job'];
export type Me = Schemas['Me'];
export type Message = Schemas['Message'];
export type Problem = Schemas['Problem'];
export type Provider = Schemas['Provider'];
export type Service = Schemas['Service'];
export type Slot = Schemas['Slot'];
export type Turn = Schemas['Turn'];

export type AppointmentStatus = Appointment['status'];
export type JobState = Job['state'];
