// The one place that knows how the server names its schemas. A rename over there is one line here.
import type { components } from './schema';

type Schemas = components['schemas'];

export type AiProvider = Schemas['AiProvider'];
export type AiUsage = Schemas['AiUsage'];
export type Appointment = Schemas['Appointment'];
export type AssistantSettings = Schemas['AssistantSettings'];
export type Contact = Schemas['Contact'];
export type ContactSummary = Schemas['ContactName'];
export type Conversation = Schemas['Conversation'];
export type Dashboard = Schemas['Dashboard'];
export type DashboardDay = Schemas['Day'];
export type Device = Schemas['Device'];
export type Enrolment = Schemas['Enrolment'];
export type Health = Schemas['Health'];
export type Inbox = Schemas['Inbox'];
export type Job = Schemas['Job'];
export type KnowledgeEntry = Schemas['KnowledgeEntry'];
export type Me = Schemas['Me'];
export type InvitationPreview = Schemas['InvitationPreview'];
export type Permission = Schemas['Permission'];
export type Message = Schemas['Message'];
export type OptOutReview = Schemas['OptOutReview'];
export type Problem = Schemas['Problem'];
export type Provider = Schemas['Provider'];
export type Service = Schemas['Service'];
export type Slot = Schemas['Slot'];
export type Turn = Schemas['Turn'];

export type AppointmentStatus = Appointment['status'];
export type JobState = Job['state'];
