// The one place that knows how the server names its schemas. A rename over there is one line here.
import type { components } from './schema';

type Schemas = components['schemas'];

export type AiProvider = Schemas['AiProvider'];
export type ApiKey = Schemas['ApiKey'];
export type AuditEntry = Schemas['AuditEntry'];
export type AiUsage = Schemas['AiUsage'];
export type Appointment = Schemas['Appointment'];
export type AssistantSettings = Schemas['AssistantSettings'];
export type ConsentBody = Schemas['NewConsent'];
export type ConsentEvent = Schemas['ConsentEvent'];
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
export type InstallationUser = Schemas['InstallationUser'];
export type Invitation = Schemas['Invitation'];
export type KnowledgeEntry = Schemas['KnowledgeEntry'];
export type Member = Schemas['Member'];
export type Me = Schemas['Me'];
export type InvitationPreview = Schemas['InvitationPreview'];
export type Permission = Schemas['Permission'];
export type Message = Schemas['Message'];
export type OrganizationSettings = Schemas['OrganizationSettings'];
export type OptOutReview = Schemas['OptOutReview'];
export type Problem = Schemas['Problem'];
export type Provider = Schemas['Provider'];
export type Role = Schemas['Role'];
export type Sender = Schemas['Sender'];
export type Service = Schemas['Service'];
export type Slot = Schemas['Slot'];
export type Suppression = Schemas['Suppression'];
export type Turn = Schemas['Turn'];

export type AppointmentStatus = Appointment['status'];
export type JobState = Job['state'];
